/** Spanish. @type {import('./en.js').Table} */
export default {
  title: 'Asistente',
  close: 'Cerrar el chat',
  mute: 'Respuestas en voz alta',
  log: 'Mensajes',
  you: 'Usted',
  assistant: 'Asistente',
  field: 'Su pregunta',
  placeholder: 'Haga una pregunta',
  send: 'Enviar',
  stop: 'Detener la respuesta',
  speak: 'Preguntar con la voz',
  earlier: 'Mensajes anteriores',
  latest: 'Último mensaje',
  listen: 'Escuchar',
  stopListening: 'Detener',
  unheard: 'no escuchado',
  stopped: 'Detenida.',
  suggestions: 'Preguntas para empezar',
  dismiss: 'Cerrar este aviso',
  followUps: 'Preguntas para continuar',
  up: 'Buena respuesta',
  down: 'Mala respuesta',
  menu: 'Más',
  anew: 'Nueva conversación',
  forgets: 'Una nueva conversación olvida esta.',
  download: 'Descargar como texto',
  hear: 'Su navegador bloquea el sonido. Pulse aquí para oír la respuesta.',

  code: 'Código',
  table: 'Tabla',
  copy: 'Copiar',
  copyAll: 'Copiar todo',
  copied: 'Copiado',
  notCopied: 'Aquí no se permite copiar. El texto está seleccionado: cópielo con el teclado.',

  recording: 'Grabación',
  sendRecording: 'Enviar la grabación',
  discardRecording: 'Descartar la grabación',
  asking: 'Permita el micrófono',
  askingLong:
    'Su navegador pregunta si esta página puede usar el micrófono. Mire junto a la barra de direcciones.',
  recordingEmpty: 'No se grabó nada. Inténtelo de nuevo.',
  recordingLost: 'El micrófono se desconectó. Se envió lo que se había grabado hasta entonces.',
  spoken: 'Pregunta hablada',
  nothingHeard: 'No se oyó nada',

  connecting: 'Conectando',
  reconnecting: 'Reconectando',
  connected: 'En línea',
  failed: 'Sin conexión',
  resting: 'En pausa',
  warming: 'Iniciando: la primera respuesta puede tardar un poco',
  retry: 'Reintentar',
  useHere: 'Continuar aquí',

  whyNot: {
    connecting: 'Se enviará en cuanto haya conexión.',
    waiting: 'No hay conexión ahora mismo. Su texto se queda aquí y se enviará cuando vuelva.',
    unreachable: 'No se puede contactar con el asistente. Su texto se queda aquí.',
    refused: 'El asistente no entendió esta página. Vuelva a cargarla.',
    forbidden: 'El asistente no está autorizado en este sitio.',
    idle: 'El chat se pausó tras un largo silencio. Escriba o hable para continuar.',
    replaced: 'Este chat continúa en otra ventana.',
  },

  counted: {
    recordingLimit: {
      one: 'Una grabación dura como máximo {n} segundo; se acaba de enviar.',
      other: 'Una grabación dura como máximo {n} segundos; se acaba de enviar.',
    },
    unread: { other: 'Respuestas nuevas: {n}' },
    waiting: { other: 'Reconectando en {n} s' },
    tooLong: { one: 'Sobra {n} carácter', other: 'Sobran {n} caracteres' },
    charactersLeft: { one: 'Queda {n} carácter', other: 'Quedan {n} caracteres' },
  },

  startedAnew: 'El asistente ha olvidado el chat anterior. Este es uno nuevo.',

  phases: ['', 'Escuchando', 'Entendiendo lo que dijo', 'Pensando', 'Hablando', '', 'Esperando su turno'],

  microphone: {
    insecure:
      'Los navegadores solo dan el micrófono a páginas con dirección https o en localhost. Puede seguir escribiendo.',
    unsupported: 'Este navegador no ofrece micrófono a las páginas. Puede seguir escribiendo.',
    policy:
      'Este sitio prohíbe el micrófono a sus páginas (Permissions-Policy). Su propietario puede permitirlo; usted puede seguir escribiendo.',
    frame:
      'Esta página está en un marco que no tiene permiso para usar el micrófono (allow="microphone"). Puede seguir escribiendo.',
    denied:
      'El micrófono no está permitido en esta página. Pulse el símbolo junto a la dirección, permítalo e inténtelo de nuevo.',
    missing: 'No se encontró ningún micrófono. Conecte uno e inténtelo de nuevo.',
    busy: 'Parece que otro programa usa el micrófono. Ciérrelo e inténtelo de nuevo.',
    failed: 'No se pudo iniciar el micrófono. Inténtelo de nuevo o siga escribiendo.',
  },

  faults: {
    nothing_heard: 'No pude distinguir ninguna palabra. Acérquese al micrófono e inténtelo de nuevo.',
    origin_refused: 'El asistente no está autorizado en este sitio.',
    busy: 'Hay demasiadas preguntas a la vez. Espere un momento y pregunte de nuevo.',
    provider_failed: 'La respuesta no llegó. Pregunte de nuevo.',
    provider_busy: 'El asistente está muy ocupado. Pregunte de nuevo en un momento.',
    provider_timeout: 'La respuesta tardó demasiado. Pregunte de nuevo.',
    warming_up: 'El asistente aún se está iniciando. Pregunte de nuevo en un momento.',
    unavailable: 'El asistente no está disponible ahora mismo. Inténtelo más tarde.',
    internal: 'Algo salió mal. Pregunte de nuevo.',
  },
  speechFailed: 'No se pudo leer esta respuesta en voz alta.',
  answerFailed: 'La respuesta no llegó. Pregunte de nuevo.',
  interrupted: 'La respuesta se interrumpió.',
};
