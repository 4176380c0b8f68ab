/** Italian. @type {import('./en.js').Table} */
export default {
  title: 'Assistente',
  close: 'Chiudi la chat',
  mute: 'Risposte a voce',
  log: 'Messaggi',
  you: 'Lei',
  assistant: 'Assistente',
  field: 'La sua domanda',
  placeholder: 'Faccia una domanda',
  send: 'Invia',
  stop: 'Interrompi la risposta',
  speak: 'Domanda a voce',
  earlier: 'Messaggi precedenti',
  latest: 'Ultimo messaggio',
  listen: 'Ascolta',
  stopListening: 'Interrompi',
  unheard: 'non ascoltato',
  stopped: 'Interrotta.',
  suggestions: 'Domande per iniziare',
  dismiss: 'Chiudi questo avviso',
  followUps: 'Domande per continuare',
  up: 'Buona risposta',
  down: 'Cattiva risposta',
  menu: 'Altro',
  anew: 'Nuova conversazione',
  forgets: 'Una nuova conversazione dimentica questa.',
  download: 'Scarica come testo',
  hear: 'Il browser blocca l’audio. Prema qui per ascoltare la risposta.',

  code: 'Codice',
  table: 'Tabella',
  copy: 'Copia',
  copyAll: 'Copia tutto',
  copied: 'Copiato',
  notCopied: 'Qui non è consentito copiare. Il testo è selezionato: lo copi con la tastiera.',

  recording: 'Registrazione',
  sendRecording: 'Invia la registrazione',
  discardRecording: 'Elimina la registrazione',
  asking: 'Consenta il microfono',
  askingLong:
    'Il browser chiede se questa pagina può usare il microfono. Guardi accanto alla barra degli indirizzi.',
  recordingEmpty: 'Non è stato registrato nulla. Riprovi.',
  recordingLost: 'Il microfono si è scollegato. È stato inviato quanto registrato fino ad allora.',
  spoken: 'Domanda vocale',
  nothingHeard: 'Non si è sentito nulla',

  connecting: 'Connessione in corso',
  reconnecting: 'Riconnessione in corso',
  connected: 'Connesso',
  failed: 'Non connesso',
  resting: 'In pausa',
  warming: 'Avvio in corso: la prima risposta può richiedere un momento',
  retry: 'Riprova',
  useHere: 'Continua qui',

  whyNot: {
    connecting: 'Sarà inviato appena la connessione è attiva.',
    waiting: 'Connessione assente. Il testo resta qui e sarà inviato appena torna.',
    unreachable: 'L’assistente non è raggiungibile. Il testo resta qui.',
    refused: 'L’assistente non ha capito questa pagina. La ricarichi.',
    forbidden: 'L’assistente non è autorizzato su questo sito.',
    idle: 'La chat è in pausa dopo un lungo silenzio. Scriva o parli per continuare.',
    replaced: 'Questa chat continua in un’altra finestra.',
  },

  counted: {
    recordingLimit: {
      one: 'Una registrazione dura al massimo {n} secondo: è stata inviata.',
      other: 'Una registrazione dura al massimo {n} secondi: è stata inviata.',
    },
    unread: { other: 'Nuove risposte: {n}' },
    waiting: { other: 'Riconnessione tra {n} s' },
    tooLong: { one: '{n} carattere di troppo', other: '{n} caratteri di troppo' },
    charactersLeft: { one: '{n} carattere rimasto', other: '{n} caratteri rimasti' },
  },

  startedAnew: 'L’assistente ha dimenticato la chat qui sopra. Questa è nuova.',

  phases: ['', 'In ascolto', 'Riconosce le sue parole', 'Riflette', 'Parla', '', 'Aspetta il suo turno'],

  microphone: {
    insecure:
      'I browser concedono il microfono solo a pagine con indirizzo https o su localhost. Può continuare scrivendo.',
    unsupported: 'Questo browser non offre il microfono alle pagine. Può continuare scrivendo.',
    policy:
      'Questo sito vieta il microfono alle sue pagine (Permissions-Policy). Il proprietario può consentirlo; può continuare scrivendo.',
    frame:
      'Questa pagina è in un riquadro che non può usare il microfono (allow="microphone"). Può continuare scrivendo.',
    denied:
      'Il microfono non è consentito per questa pagina. Prema il simbolo accanto all’indirizzo, lo consenta e riprovi.',
    missing: 'Nessun microfono trovato. Ne colleghi uno e riprovi.',
    busy: 'Un altro programma sembra usare il microfono. Lo chiuda e riprovi.',
    failed: 'Non è stato possibile avviare il microfono. Riprovi o continui scrivendo.',
  },

  faults: {
    nothing_heard: 'Non ho distinto nessuna parola. Si avvicini al microfono e riprovi.',
    origin_refused: 'L’assistente non è autorizzato su questo sito.',
    busy: 'Ci sono troppe domande insieme. Attenda un momento e chieda di nuovo.',
    provider_failed: 'La risposta non è arrivata. Chieda di nuovo.',
    provider_busy: 'L’assistente è molto occupato. Chieda di nuovo tra un momento.',
    provider_timeout: 'La risposta ha richiesto troppo tempo. Chieda di nuovo.',
    warming_up: 'L’assistente si sta ancora avviando. Chieda di nuovo tra un momento.',
    unavailable: 'L’assistente non è disponibile al momento. Riprovi più tardi.',
    internal: 'Qualcosa è andato storto. Chieda di nuovo.',
  },
  speechFailed: 'Non è stato possibile leggere questa risposta a voce.',
  answerFailed: 'La risposta non è arrivata. Chieda di nuovo.',
  interrupted: 'La risposta è stata interrotta.',
};
