/** The pictures, as paths on a 24 by 24 field: one export each, so that the loader carries its own two alone. */

/** A speech bubble with the bars of a voice in it. */
export const chat = {
  name: 'chat',
  path: 'M12 3c-5 0-9 3.5-9 8 0 2.3 1 4.4 3 6l-1 4 5-2h2c5 0 9-3.5 9-8s-4-8-9-8ZM8 9.5v3M12 8v6M16 9.5v3',
};
export const close = { name: 'close', path: 'M6 6l12 12M18 6 6 18' };
export const down = { name: 'down', path: 'M5.5 9l6.5 6.5L18.5 9' };
export const send = { name: 'send', path: 'M12 19.5v-15M5.5 11 12 4.5l6.5 6.5' };
export const stop = { name: 'stop', path: 'M8 8h8v8H8Z' };
export const microphone = {
  name: 'microphone',
  path: 'M12 3.5a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0v-5a3 3 0 0 0-3-3ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5v3',
};
export const sound = {
  name: 'sound',
  path: 'M4 9.5v5h3.2L12 18.5v-13L7.2 9.5ZM15.5 9.2a4 4 0 0 1 0 5.6M18 6.7a7.5 7.5 0 0 1 0 10.6',
};
export const muted = {
  name: 'muted',
  path: 'M4 9.5v5h3.2L12 18.5v-13L7.2 9.5ZM16 9.7l4.6 4.6M20.6 9.7 16 14.3',
};
export const trash = {
  name: 'trash',
  path: 'M5 6.5h14M9.5 6.5v-2h5v2M6.8 6.5l.8 13h8.8l.8-13M10 10.5v5M14 10.5v5',
};
/** Turned upside down it says the opposite. */
export const thumb = {
  name: 'thumb',
  path: 'M7 20H4v-9h3v9h10l3-9h-6l1-6.5h-2L7 11',
};
export const more = { name: 'more', path: 'M12 6v.1M12 12v.1M12 18v.1' };
export const page = { name: 'page', path: 'M7 3.5h6.5l4.5 4.5v12.5H7ZM13.5 3.5V8H18M10 12.5h5M10 16h5' };
