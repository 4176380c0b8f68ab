/** Every word that the widget says, in every language. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { listed, texts, unlisted, when } from '../../../web/chat/texts.js';
import { english } from '../../../web/languages/en.js';
import { launchers } from '../../../web/languages/launcher.js';
import { sound } from '../../../web/languages/sound.js';
import { PHASE } from '../../../web/wire/frames.js';

const words = texts('en');
const languages = Object.keys(launchers);
const tables = Object.fromEntries(
  await Promise.all(
    languages.map(async (language) => [
      language,
      (await import(`../../../web/languages/${language}.js`)).default,
    ]),
  ),
);
const others = Object.entries(tables).filter(([language]) => language !== 'en');

/** Words that are the same as in English, and right. */
const SHARED = {
  de: ['code'],
  fr: ['title', 'log', 'assistant', 'code'],
  es: [],
  it: [],
  pt: [],
  nl: ['code'],
  pl: [],
  ar: [],
};

// Of a question: what its limits are set to is some thousands at most.
const NUMBERS = Array.from({ length: 10_000 }, (_, n) => n);

/** Every saying of a table by its path; those with a number are objects. */
function sayings(table, path = '') {
  return Object.entries(table).flatMap(([key, value]) => {
    const name = path ? `${path}.${key}` : key;
    if (typeof value === 'string' || 'other' in value) return [[name, value]];
    return sayings(value, name);
  });
}

const placeholders = (text) => (text.match(/\{\w+\}/g) ?? []).sort();

test('each language has a file and a launcher, and nothing else lies there', () => {
  const files = readdirSync(new URL('../../../web/languages/', import.meta.url)).sort();
  assert.deepEqual(files, [...languages, 'launcher', 'sound'].map((name) => `${name}.js`).sort());
});

test('the sliders in the menu have a name in each language', () => {
  assert.deepEqual(Object.keys(sound), languages);
  for (const [volume, speed] of Object.values(sound)) assert.ok(volume && speed && volume !== speed);
});

for (const [language, table] of others) {
  test(`${language}: the same keys as English, in words and lists alike`, () => {
    assert.deepEqual(
      sayings(table).map(([path]) => path).sort(),
      sayings(english).map(([path]) => path).sort(),
    );
    assert.equal(Array.isArray(table.phases), Array.isArray(english.phases));
  });

  test(`${language}: no saying is empty, padded, or left in English`, () => {
    const there = new Map(sayings(table));
    for (const [path, original] of sayings(english)) {
      const said = there.get(path);
      assert.equal(typeof said, typeof original, path);
      for (const text of typeof said === 'string' ? [said] : Object.values(said)) {
        if (original === '') assert.equal(text, '', path);
        else assert.ok(text.length > 0 && text === text.trim(), path);
      }
      if (original === '' || SHARED[language].includes(path)) continue;
      assert.notDeepEqual(said, original, path);
    }
    const originals = new Map(sayings(english));
    for (const path of SHARED[language]) assert.equal(there.get(path), originals.get(path), path);
  });

  test(`${language}: the same placeholders; words may stand for none, one and two`, () => {
    const there = new Map(sayings(table));
    for (const [path, original] of sayings(english)) {
      if (typeof original === 'string') {
        assert.deepEqual(placeholders(there.get(path)), placeholders(original), path);
        continue;
      }
      for (const [form, text] of Object.entries(there.get(path))) {
        const wanted = ['zero', 'one', 'two'].includes(form) && !text.includes('{n}') ? [] : ['{n}'];
        assert.deepEqual(placeholders(text), wanted, `${path}.${form}`);
      }
    }
  });
}

for (const [language, table] of Object.entries(tables)) {
  test(`${language}: every number has its own form, and every form is one of the language's`, () => {
    const rules = new Intl.PluralRules(language);
    const { pluralCategories } = rules.resolvedOptions();
    const used = new Set(NUMBERS.map((n) => rules.select(n)));
    for (const [key, forms] of Object.entries(table.counted)) {
      for (const form of Object.keys(forms)) assert.ok(pluralCategories.includes(form), `${key}.${form}`);
      // What does not change with the number needs one form.
      if (Object.keys(forms).length === 1) continue;
      for (const form of used) assert.ok(forms[form], `${key}.${form}`);
    }
  });

  test(`${language}: quotation marks, apostrophes and dots are those of print`, () => {
    for (const [path, said] of sayings(table)) {
      for (const text of typeof said === 'string' ? [said] : Object.values(said)) {
        const bare = text.replace('allow="microphone"', '');
        assert.doesNotMatch(bare, /["']|\.\.\.| {2}/, path);
      }
    }
  });

  test(`${language}: its file holds its words and nothing else, and gives them all back`, () => {
    const list = listed(table);
    assert.equal(list.length, sayings(english).length);
    assert.deepEqual(unlisted(list.values()), table);
    assert.deepEqual(texts(language, unlisted(list.values())).phases, table.phases);
  });

  test(`${language}: the launcher has a name, and words to try again`, () => {
    const [label, again] = launchers[language];
    assert.ok(label.trim() && again.trim());
    if (language !== 'en') for (const text of [label, again]) assert.ok(!launchers.en.includes(text));
  });
}

test('a word that a language lacks is said in English', () => {
  const { send, ...rest } = tables.de;
  assert.equal(unlisted(listed(rest).values()).send, english.send);
  assert.equal(unlisted(listed({}).values()).microphone.denied, english.microphone.denied);
});

test('every cause says what helps', () => {
  for (const [trouble, text] of Object.entries(words.microphone)) {
    assert.match(text, /try again|typing/i, trouble);
  }
});

test('each phase of STATE that a visitor waits in has words', () => {
  for (const phase of ['LISTENING', 'TRANSCRIBING', 'THINKING', 'SPEAKING', 'QUEUED']) {
    assert.ok(words.phases[PHASE[phase]], phase);
  }
});

test('the worded faults are codes that the server has', () => {
  const errors = readFileSync(new URL('../../../voicechat/errors.py', import.meta.url), 'utf8');
  for (const code of Object.keys(words.faults))
    assert.ok(errors.includes(`code = "${code}"`) || errors.includes(`"${code}"`), code);
});

test('numbers are said in the language’s own grammar and figures', () => {
  const say = (language, key, n) => texts(language, tables[language])[key](n);
  assert.equal(say('en', 'charactersLeft', 1), '1 character left');
  assert.equal(say('en', 'charactersLeft', 0), '0 characters left');
  assert.equal(say('en', 'tooLong', 1), '1 character too many');
  assert.match(say('en', 'recordingLimit', 1), /1 second,/);
  assert.equal(say('fr', 'charactersLeft', 0), '0 caractère restant');
  assert.equal(say('pl', 'charactersLeft', 1), 'Pozostał 1 znak');
  assert.equal(say('pl', 'charactersLeft', 22), 'Pozostały 22 znaki');
  assert.equal(say('pl', 'charactersLeft', 12), 'Pozostało 12 znaków');
  assert.equal(say('ar', 'charactersLeft', 5), 'الأحرف المتبقية: 5');
  assert.equal(say('de', 'charactersLeft', 4_000), 'Noch 4.000 Zeichen');
});

test('a time has its day only where that is not today, and is said as the visitor says it', () => {
  const at = new Date(2026, 10, 20, 15, 4).getTime() / 1_000;
  const [evening, tomorrow] = [new Date(2026, 10, 20, 23, 59), new Date(2026, 10, 21, 0, 1)];
  assert.equal(when(at, 'en-GB', evening), '15:04');
  assert.match(when(at, 'en-US', evening), /^3:04\sPM$/);
  assert.equal(when(at, 'en-GB', tomorrow), '20 Nov 2026, 15:04');
  assert.match(when(at, 'de', tomorrow), /^20\.11\.2026, 15:04$/);
});
