import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, requireProgram } from './debian.js';
import { type Server, startServer } from './process.js';

/** A real Alertmanager (Debian's), with amtool beside it. */
export function requireAlertmanager(): void {
  requireProgram('amtool', 'prometheus-alertmanager');
}

/** Configuration as alertmanager.yml has it. */
export async function startAlertmanager(configuration: string): Promise<Server> {
  requireAlertmanager();
  const port = await freePort();
  return startServer({
    program: 'prometheus-alertmanager',
    url: `http://127.0.0.1:${port}`,
    readyPath: '/-/ready',
    prepare: async (folder) => {
      await writeFile(join(folder, 'alertmanager.yml'), configuration);
      return [
        `--config.file=${join(folder, 'alertmanager.yml')}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ];
    },
  });
}
