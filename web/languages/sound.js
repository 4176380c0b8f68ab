/**
 * The words beside the two sliders in the menu, in all languages: they come with what goes with the
 * voice, which nobody needs who does not hear it. How loud it is, then how fast it speaks.
 *
 * @type {Record<string, [volume: string, speed: string]>}
 */
export const sound = {
  en: ['Volume', 'Speed'],
  de: ['Lautstärke', 'Tempo'],
  fr: ['Volume', 'Vitesse'],
  es: ['Volumen', 'Velocidad'],
  it: ['Volume', 'Velocità'],
  pt: ['Volume', 'Velocidade'],
  nl: ['Volume', 'Snelheid'],
  pl: ['Głośność', 'Szybkość'],
  ar: ['مستوى الصوت', 'السرعة'],
};
