/** How the page learns whether the server lets it in. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Api } from '../../../web/line/api.js';
import { isShutOut } from '../../../web/line/refusal.js';

const REFUSED = { error: { code: 'origin_refused', message: 'Pages of this origin may not.' } };
const CONFIG = { modes: ['v1'] };

/** What a page of `origin` learns, and what it asked; `answers` are responses by method. */
async function learned(origin, answers) {
  const asked = [];
  const fetcher = async (url, { method }) => {
    asked.push(`${method} ${url}`);
    return answers[method]();
  };
  const config = new Api('https://bot.example/', fetcher, origin).config();
  const outcome = await config.catch((error) => (isShutOut(error) ? 'shut out' : error));
  return { outcome, asked };
}

const json = (status, content) => () => new Response(JSON.stringify(content), { status });

test('a page of another origin is told with its first request', async () => {
  const { outcome, asked } = await learned('https://shop.example', { GET: json(403, REFUSED) });
  assert.equal(outcome, 'shut out');
  assert.deepEqual(asked, ['GET https://bot.example/api/config']);
});

test('a page of the server’s own origin asks with one that carries it', async () => {
  const OPTIONS = json(403, REFUSED);
  const { outcome } = await learned('https://bot.example', { GET: json(200, CONFIG), OPTIONS });
  assert.equal(outcome, 'shut out');
});

test('any other answer to that keeps nobody out', async () => {
  const html = () => new Response('<h1>Method not allowed</h1>', { status: 405 });
  const none = () => new Response(null, { status: 204 });
  const lost = () => Promise.reject(new TypeError('Failed to fetch'));
  for (const OPTIONS of [html, none, lost]) {
    const { outcome } = await learned('https://bot.example', { GET: json(200, CONFIG), OPTIONS });
    assert.deepEqual(outcome, CONFIG);
  }
});

test('what a page tells beside questions goes out with the chat, and its 204 is a yes', async () => {
  const asked = [];
  const fetcher = async (url, { method, headers, body }) => {
    asked.push([method, url, headers.Authorization, JSON.parse(body)]);
    return new Response(null, { status: 204 });
  };
  const event = { type: 'feedback', n: 2, rating: null };
  await new Api('https://bot.example/', fetcher).tell('c_1.s', event);
  assert.deepEqual(asked, [['POST', 'https://bot.example/api/events', 'Bearer c_1.s', event]]);
});

test('where it is refused, the promise is too', async () => {
  const gone = json(404, { error: { code: 'not_found', message: 'There is no answer 9.' } });
  const told = new Api('https://bot.example/', gone).tell('c_1.s', {});
  await assert.rejects(told, { code: 'not_found' });
});
