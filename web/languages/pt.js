/** Portuguese, as Brazil writes it. @type {import('./en.js').Table} */
export default {
  title: 'Assistente',
  close: 'Fechar o chat',
  mute: 'Respostas por voz',
  log: 'Mensagens',
  you: 'Você',
  assistant: 'Assistente',
  field: 'Sua pergunta',
  placeholder: 'Faça uma pergunta',
  send: 'Enviar',
  stop: 'Parar a resposta',
  speak: 'Perguntar por voz',
  earlier: 'Mensagens anteriores',
  latest: 'Última mensagem',
  listen: 'Ouvir',
  stopListening: 'Parar',
  unheard: 'não ouvido',
  stopped: 'Interrompida.',
  suggestions: 'Perguntas para começar',
  dismiss: 'Fechar este aviso',
  followUps: 'Perguntas para continuar',
  up: 'Boa resposta',
  down: 'Má resposta',
  menu: 'Mais',
  anew: 'Nova conversa',
  forgets: 'Uma nova conversa esquece esta.',
  download: 'Baixar como texto',
  hear: 'O navegador bloqueia o som. Toque aqui para ouvir a resposta.',

  code: 'Código',
  table: 'Tabela',
  copy: 'Copiar',
  copyAll: 'Copiar tudo',
  copied: 'Copiado',
  notCopied: 'Não é permitido copiar aqui. O texto está selecionado: copie-o com o teclado.',

  recording: 'Gravação',
  sendRecording: 'Enviar a gravação',
  discardRecording: 'Descartar a gravação',
  asking: 'Permita o microfone',
  askingLong:
    'O navegador pergunta se esta página pode usar o microfone. Veja perto da barra de endereços.',
  recordingEmpty: 'Nada foi gravado. Tente novamente.',
  recordingLost: 'O microfone foi desconectado. O que já estava gravado foi enviado.',
  spoken: 'Pergunta falada',
  nothingHeard: 'Não se ouviu nada',

  connecting: 'Conectando',
  reconnecting: 'Reconectando',
  connected: 'Conectado',
  failed: 'Sem conexão',
  resting: 'Em pausa',
  warming: 'Iniciando: a primeira resposta pode demorar um pouco',
  retry: 'Tentar novamente',
  useHere: 'Continuar aqui',

  whyNot: {
    connecting: 'Será enviado assim que houver conexão.',
    waiting: 'Sem conexão no momento. O texto fica aqui e será enviado quando ela voltar.',
    unreachable: 'Não é possível contatar o assistente. O texto fica aqui.',
    refused: 'O assistente não entendeu esta página. Recarregue-a.',
    forbidden: 'O assistente não está autorizado neste site.',
    idle: 'O chat foi pausado após um longo silêncio. Escreva ou fale para continuar.',
    replaced: 'Este chat continua em outra janela.',
  },

  counted: {
    recordingLimit: {
      one: 'Uma gravação tem no máximo {n} segundo e acaba de ser enviada.',
      other: 'Uma gravação tem no máximo {n} segundos e acaba de ser enviada.',
    },
    unread: { other: 'Novas respostas: {n}' },
    waiting: { other: 'Reconectando em {n} s' },
    tooLong: { one: '{n} caractere a mais', other: '{n} caracteres a mais' },
    charactersLeft: { one: 'Resta {n} caractere', other: 'Restam {n} caracteres' },
  },

  startedAnew: 'O assistente esqueceu o chat acima. Este é um novo.',

  phases: ['', 'Ouvindo', 'Entendendo o que você disse', 'Pensando', 'Falando', '', 'Aguardando a vez'],

  microphone: {
    insecure:
      'Os navegadores só dão o microfone a páginas com endereço https ou em localhost. Pode continuar escrevendo.',
    unsupported: 'Este navegador não oferece microfone às páginas. Pode continuar escrevendo.',
    policy:
      'Este site proíbe o microfone às suas páginas (Permissions-Policy). O responsável pode permitir; você pode continuar escrevendo.',
    frame:
      'Esta página está em um quadro sem permissão para usar o microfone (allow="microphone"). Pode continuar escrevendo.',
    denied:
      'O microfone não está permitido nesta página. Toque no símbolo ao lado do endereço, permita e tente novamente.',
    missing: 'Nenhum microfone encontrado. Conecte um e tente novamente.',
    busy: 'Outro programa parece estar usando o microfone. Feche-o e tente novamente.',
    failed: 'Não foi possível iniciar o microfone. Tente novamente ou continue escrevendo.',
  },

  faults: {
    nothing_heard: 'Não consegui distinguir nenhuma palavra. Aproxime-se do microfone e tente novamente.',
    origin_refused: 'O assistente não está autorizado neste site.',
    busy: 'Há perguntas demais de uma vez. Aguarde um momento e pergunte novamente.',
    provider_failed: 'A resposta não chegou. Pergunte novamente.',
    provider_busy: 'O assistente está muito ocupado. Pergunte novamente em instantes.',
    provider_timeout: 'A resposta demorou demais. Pergunte novamente.',
    warming_up: 'O assistente ainda está iniciando. Pergunte novamente em instantes.',
    unavailable: 'O assistente não está disponível no momento. Tente novamente mais tarde.',
    internal: 'Algo deu errado. Pergunte novamente.',
  },
  speechFailed: 'Não foi possível ler esta resposta em voz alta.',
  answerFailed: 'A resposta não chegou. Pergunte novamente.',
  interrupted: 'A resposta foi interrompida.',
};
