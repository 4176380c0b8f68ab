/** A host page in TypeScript; `types.test.mjs` has it checked. */

import type { VoiceChatElement } from '../../../voicechat/widget/voicechat';

const chat: VoiceChatElement = document.createElement('voice-chat');
chat.dataset.mode = 'v2';
chat.addEventListener('voicechat:beforesend', (event) => {
  if (event.detail.text.includes('secret')) event.preventDefault();
  else event.detail.text += ' Please.';
});
addEventListener('voicechat:unread', ({ detail: { count } }) => (document.title = `Shop (${count.toFixed()})`));
document.addEventListener('voicechat:feedback', ({ detail }) => {
  const rating: 'up' | 'down' | null = detail.rating;
  console.log(rating, detail.n + 1);
});
document.querySelector('voice-chat')?.suggest(['When are you open?']);
chat.suggest('When?');
await chat.ask('When are you');
if (chat.isOpen && (chat.playhead ?? 0) > 1_000) chat.interrupt();
chat.mute(true);
await chat.send('When?');
console.log(chat.export('json')?.length);
addEventListener('voicechat:message', ({ detail }) => console.log(detail.n, detail.text));

// @ts-expect-error A number is no question.
chat.suggest(9);
// @ts-expect-error There is no such format.
chat.export('pdf');
// @ts-expect-error There is no such method.
chat.shout();
// @ts-expect-error The detail has no such member.
chat.addEventListener('voicechat:error', ({ detail }) => detail.reason);
