/** French. @type {import('./en.js').Table} */
export default {
  title: 'Assistant',
  close: 'Fermer le chat',
  mute: 'Réponses à voix haute',
  log: 'Messages',
  you: 'Vous',
  assistant: 'Assistant',
  field: 'Votre question',
  placeholder: 'Posez votre question',
  send: 'Envoyer',
  stop: 'Arrêter la réponse',
  speak: 'Poser la question à voix haute',
  earlier: 'Messages précédents',
  latest: 'Dernier message',
  listen: 'Écouter',
  stopListening: 'Arrêter',
  unheard: 'non entendu',
  stopped: 'Arrêté.',
  suggestions: 'Questions pour commencer',
  dismiss: 'Fermer cette note',
  followUps: 'Questions pour continuer',
  up: 'Bonne réponse',
  down: 'Mauvaise réponse',
  menu: 'Plus',
  anew: 'Nouvelle conversation',
  forgets: 'Une nouvelle conversation efface celle-ci.',
  download: 'Télécharger le texte',
  hear: 'Votre navigateur bloque le son. Appuyez ici pour écouter la réponse.',

  code: 'Code',
  table: 'Tableau',
  copy: 'Copier',
  copyAll: 'Tout copier',
  copied: 'Copié',
  notCopied: 'La copie n’est pas autorisée ici. Le texte est sélectionné : copiez-le au clavier.',

  recording: 'Enregistrement',
  sendRecording: 'Envoyer l’enregistrement',
  discardRecording: 'Supprimer l’enregistrement',
  asking: 'Autorisez le microphone',
  askingLong:
    'Votre navigateur demande si cette page peut utiliser le microphone. Regardez près de la barre d’adresse.',
  recordingEmpty: 'Rien n’a été enregistré. Veuillez réessayer.',
  recordingLost: 'Le microphone a été déconnecté. Ce qui était déjà enregistré a été envoyé.',
  spoken: 'Question vocale',
  nothingHeard: 'Rien n’a été entendu',

  connecting: 'Connexion en cours',
  reconnecting: 'Reconnexion en cours',
  connected: 'Connecté',
  failed: 'Non connecté',
  resting: 'En pause',
  warming: 'Démarrage : la première réponse peut tarder un peu',
  retry: 'Réessayer',
  useHere: 'Continuer ici',

  whyNot: {
    connecting: 'Le message partira dès que la connexion sera établie.',
    waiting: 'Pas de connexion pour le moment. Votre texte reste ici et partira dès qu’elle sera rétablie.',
    unreachable: 'L’assistant est injoignable. Votre texte reste ici.',
    refused: 'L’assistant n’a pas compris cette page. Veuillez la recharger.',
    forbidden: 'L’assistant n’est pas autorisé sur ce site.',
    idle: 'Le chat a été mis en pause après un long silence. Écrivez ou parlez pour continuer.',
    replaced: 'Ce chat se poursuit dans une autre fenêtre.',
  },

  counted: {
    recordingLimit: {
      one: 'Un enregistrement dure {n} seconde au plus ; il vient d’être envoyé.',
      other: 'Un enregistrement dure {n} secondes au plus ; il vient d’être envoyé.',
    },
    unread: { other: 'Nouvelles réponses : {n}' },
    waiting: { other: 'Reconnexion dans {n} s' },
    tooLong: { one: '{n} caractère en trop', other: '{n} caractères en trop' },
    charactersLeft: { one: '{n} caractère restant', other: '{n} caractères restants' },
  },

  startedAnew: 'L’assistant a oublié le chat ci-dessus. En voici un nouveau.',

  phases: ['', 'Écoute', 'Analyse ce que vous avez dit', 'Réfléchit', 'Parle', '', 'Attend son tour'],

  microphone: {
    insecure:
      'Le microphone n’est accessible qu’aux pages en https ou sur localhost. Vous pouvez continuer par écrit.',
    unsupported: 'Ce navigateur ne donne pas accès au microphone. Vous pouvez continuer par écrit.',
    policy:
      'Ce site interdit le microphone à ses pages (Permissions-Policy). Son propriétaire peut l’autoriser ; vous pouvez continuer par écrit.',
    frame:
      'Cette page est dans un cadre qui n’a pas accès au microphone (allow="microphone"). Vous pouvez continuer par écrit.',
    denied:
      'Le microphone n’est pas autorisé pour cette page. Appuyez sur le symbole à côté de l’adresse, autorisez-le et réessayez.',
    missing: 'Aucun microphone trouvé. Branchez-en un et réessayez.',
    busy: 'Un autre programme semble utiliser le microphone. Fermez-le et réessayez.',
    failed: 'Le microphone n’a pas pu démarrer. Réessayez ou continuez par écrit.',
  },

  faults: {
    nothing_heard: 'Je n’ai distingué aucun mot. Rapprochez-vous du microphone et réessayez.',
    origin_refused: 'L’assistant n’est pas autorisé sur ce site.',
    busy: 'Il y a trop de questions à la fois. Veuillez patienter un instant, puis reposez votre question.',
    provider_failed: 'La réponse n’est pas arrivée. Veuillez reposer votre question.',
    provider_busy: 'L’assistant est très sollicité. Veuillez reposer votre question dans un instant.',
    provider_timeout: 'La réponse a pris trop de temps. Veuillez reposer votre question.',
    warming_up: 'L’assistant démarre encore. Veuillez reposer votre question dans un instant.',
    unavailable: 'L’assistant n’est pas disponible pour le moment. Veuillez réessayer plus tard.',
    internal: 'Une erreur s’est produite. Veuillez reposer votre question.',
  },
  speechFailed: 'Cette réponse n’a pas pu être lue à voix haute.',
  answerFailed: 'La réponse n’est pas arrivée. Veuillez reposer votre question.',
  interrupted: 'La réponse a été interrompue.',
};
