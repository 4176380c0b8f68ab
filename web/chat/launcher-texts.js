/** The words of the launcher, apart from the others: all that is said before the first click. */

export const launcherTexts = {
  launcher: 'Chat with us',
  launcherFailed: 'The chat could not be loaded. Click to try again.',
};
