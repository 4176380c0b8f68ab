/** Which microphones can be chosen, and how long a choice lasts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Devices } from '../../../web/voice/devices.js';
import { MemoryStorage } from '../doubles.mjs';

const microphone = (deviceId, label = deviceId) => ({ kind: 'audioinput', deviceId, label });
const CAMERA = { kind: 'videoinput', deviceId: 'camera', label: 'Camera' };

/** What the browser would be: a target of events that tells `inputs`. */
class Media extends EventTarget {
  inputs;
  asked = 0;

  constructor(...inputs) {
    super();
    this.inputs = inputs;
  }

  async enumerateDevices() {
    this.asked += 1;
    return this.inputs;
  }
}

const ids = ({ list }) => list.map(({ id }) => id);

test('several microphones can be chosen from, and nothing else', async () => {
  const media = new Media(microphone('default'), microphone('communications'), microphone('a'));
  media.inputs.push(microphone('b'), CAMERA);
  const devices = new Devices(null, media);
  await devices.got('a');
  assert.deepEqual(ids(devices), ['default', 'a', 'b']);
  assert.equal(devices.current, 'a');
});

test('of one microphone there is no choice, whatever else it is called', async () => {
  const devices = new Devices(null, new Media(microphone('default'), microphone('a')));
  await devices.got('default');
  assert.deepEqual(ids(devices), []);
});

test('a browser that does not tell leaves nothing to choose', async () => {
  for (const media of [new Media(microphone('')), undefined]) {
    const devices = new Devices(null, media);
    await devices.got('');
    assert.deepEqual(ids(devices), []);
  }
  const media = new Media();
  media.enumerateDevices = () => Promise.reject(new Error('no'));
  const devices = new Devices(null, media);
  await devices.got('');
  assert.deepEqual(ids(devices), []);
});

test('the list follows what is plugged in while something is recorded, and no longer', async () => {
  const media = new Media(microphone('a'));
  const devices = new Devices(null, media);
  await devices.got('a');
  media.inputs = [microphone('a'), microphone('headset')];
  media.dispatchEvent(new Event('devicechange'));
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(ids(devices), ['a', 'headset']);
  devices.rest();
  const { asked } = media;
  media.dispatchEvent(new Event('devicechange'));
  assert.equal(media.asked, asked);
});

test('a choice is stored from the first spoken question on', () => {
  const store = new MemoryStorage();
  const devices = new Devices(store, new Media());
  assert.equal(devices.wanted, '');
  devices.choose('a');
  assert.equal(devices.wanted, 'a');
  assert.equal(new Devices(store, new Media()).wanted, '');
  devices.keep();
  assert.equal(new Devices(store, new Media()).wanted, 'a');
  devices.choose('b');
  assert.equal(new Devices(store, new Media()).wanted, 'b');
});

test('a choice that is not there any more is forgotten in the storage, too', () => {
  const store = new MemoryStorage();
  new Devices(store, new Media()).choose('a');
  store.setItem('voicechat microphone', 'gone');
  const devices = new Devices(store, new Media());
  assert.equal(devices.wanted, 'gone');
  devices.choose('');
  assert.equal(new Devices(store, new Media()).wanted, '');
});

test('a storage that is full or forbidden costs the memory of the choice alone', () => {
  const full = new MemoryStorage();
  full.setItem = () => {
    throw new Error('full');
  };
  for (const store of [full, null]) {
    const devices = new Devices(store, new Media());
    devices.choose('a');
    devices.keep();
    assert.equal(devices.wanted, 'a');
  }
});
