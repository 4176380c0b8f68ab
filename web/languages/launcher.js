/**
 * The words before and at the first click, in all languages: they are part of the loader, which asks
 * for nothing. First what the launcher is, then what it is where the chat did not load.
 *
 * @type {Record<string, [string, string]>}
 */
export const launchers = {
  en: ['Chat with us', 'Try again'],
  de: ['Mit uns chatten', 'Erneut versuchen'],
  fr: ['Discuter avec nous', 'Réessayer'],
  es: ['Chatear con nosotros', 'Reintentar'],
  it: ['Chatta con noi', 'Riprova'],
  pt: ['Converse conosco', 'Tentar novamente'],
  nl: ['Chat met ons', 'Opnieuw proberen'],
  pl: ['Porozmawiaj z nami', 'Spróbuj ponownie'],
  ar: ['تحدث معنا', 'إعادة المحاولة'],
};
