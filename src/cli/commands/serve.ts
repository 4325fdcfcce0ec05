import type { CliCommand } from '../command.js';

export const serveCommand: CliCommand = {
  name: 'serve',
  summary: 'answer predictions over HTTP with the champion; a newer champion is taken without a restart',
  options: [
    { flags: '--host <host>', description: 'address to listen on', default: 'serve.host' },
    { flags: '--port <port>', description: 'port; 0 takes a free one', default: 'serve.port' },
    { flags: '--workers <n>', description: 'processes that answer', default: 'serve.workers' },
  ],
  examples: [
    'churn-mlops serve',
    'churn-mlops serve --port 0',
    'churn-mlops serve --host 0.0.0.0 --port 8000 --workers 4',
  ],
  longLived: true,
  // Loaded late: the server and its packages are not needed by any other command.
  run: async (context) => (await import('../serving.js')).serve(context),
};
