import type { Manifest } from '../../model/registry/manifest.js';
import { addDays } from '../../time.js';
import { type CliCommand, EXIT } from '../command.js';
import { count, digits, interval } from '../output.js';
import { showManifest } from './train.js';

export const modelsCommand: CliCommand = {
  name: 'models',
  summary: 'list the registered versions, newest first, or show one',
  arguments: [{ name: '[version]', description: 'a version, the beginning of one, champion or challenger' }],
  examples: ['churn-mlops models', 'churn-mlops models champion', 'churn-mlops models --json'],
  run: async ({ output, args, project }) => {
    const { registry, history } = await project();
    if (args.length > 0) {
      const manifest = await registry.find(args[0]);
      output.report(manifest, () => showManifest(output, manifest));
      return EXIT.fine;
    }
    const aliases = Object.entries(await history.aliases());
    const listed = (await registry.list()).map((manifest) =>
      summaryOf(
        manifest,
        aliases.filter(([, version]) => version === manifest.version).map(([name]) => name),
      ),
    );
    output.report(listed, () => {
      if (listed.length === 0) {
        output.line('no versions yet; run `churn-mlops train`');
        return;
      }
      output.table(
        ['version', 'alias', 'trainer', 'learnt from', 'rows', 'PR-AUC', '95 % interval', 'ROC-AUC'],
        listed.map(({ version, aliases: names, trainer, data, measures }) => [
          version,
          output.tone('good', names.join(' ')),
          trainer,
          `${data.from} to ${addDays(data.to, -1)}`,
          count(data.rows),
          digits(measures.pr_auc.value),
          interval(measures.pr_auc.interval),
          digits(measures.roc_auc.value),
        ]),
        ['left', 'left', 'left', 'left', 'right', 'right', 'left', 'right'],
      );
    });
    return EXIT.fine;
  },
};

function summaryOf(
  { version, created_at, at, trainer, parent, data, measures, positive_rate }: Manifest,
  aliases: string[],
) {
  return {
    version,
    aliases,
    created_at,
    at,
    trainer,
    parent,
    data: { from: data.from, to: data.to, rows: data.rows },
    measures,
    positive_rate,
  };
}
