import type { Migration } from '../../history/migrations/migration.js';
import { withoutSecrets } from '../../postgres/place.js';
import { type CliCommand, EXIT } from '../command.js';

export const migrateCommand: CliCommand = {
  name: 'migrate',
  summary: 'bring the schema of the history up to date',
  examples: ['churn-mlops migrate', 'CHURN_HISTORY_URL=postgres://churn@db/churn churn-mlops migrate --json'],
  run: async ({ output, configFile, folder, environment }) => {
    const { loadConfig } = await import('../../config/load.js');
    const { openHistory } = await import('../../open.js');
    const { MIGRATIONS } = await import('../../history/migrations/index.js');
    const loaded = await loadConfig({ file: configFile, folder, environment });
    const applied: Pick<Migration, 'number' | 'name'>[] = [];
    const onMigrate = (migrations: readonly Migration[]) => {
      applied.push(...migrations.map(({ number, name }) => ({ number, name })));
    };
    const { history } = await openHistory(loaded, { migrate: 'auto', onMigrate });
    await history.close();
    const place = withoutSecrets(loaded.config.history.url);
    output.report({ history: place, schema: MIGRATIONS.length, applied }, () => {
      applied.forEach(({ number, name }) => output.line(`applied ${number} (${name})`));
      output.line(`${place} has schema ${MIGRATIONS.length}${applied.length === 0 ? ' already' : ''}`);
    });
    return EXIT.fine;
  },
};
