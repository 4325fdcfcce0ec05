import { type CliCommand, EXIT } from '../command.js';

export const configCommand: CliCommand = {
  name: 'config',
  summary: 'the resolved configuration and where each value came from',
  options: [{ flags: '--schema', description: 'print the JSON Schema of churn.yaml instead, for editors' }],
  examples: [
    'churn-mlops config',
    'CHURN_DRIFT_FAIL=0.3 churn-mlops config',
    'churn-mlops config --schema > churn.schema.json',
  ],
  run: async ({ output, options, configFile, folder, environment }) => {
    if (options.schema === true) {
      const { configJsonSchema } = await import('../../config/keys.js');
      const schema = configJsonSchema();
      output.report(schema, () => output.line(JSON.stringify(schema, null, 2)));
      return EXIT.fine;
    }
    const { loadConfig } = await import('../../config/load.js');
    const { publicConfig } = await import('../public-config.js');
    const loaded = await loadConfig({ file: configFile, folder, environment });
    const { file, origins } = loaded;
    const config = publicConfig(loaded.config);
    const rows = leaves(config as unknown as Record<string, unknown>).map(({ path, value }) => ({
      path,
      value,
      origin: originOf(path, origins),
    }));
    output.report(
      { file, config, origins: Object.fromEntries(rows.map(({ path, origin }) => [path, origin])) },
      () => {
        output.table(
          ['key', 'value', 'from'],
          rows.map(({ path, value, origin }) => [
            path,
            JSON.stringify(value),
            origin === 'default' ? output.tone('dim', origin) : origin,
          ]),
        );
      },
    );
    return EXIT.fine;
  },
};

/** Keys with plain values; maps of the user's own names are opened too. */
function leaves(root: Record<string, unknown>, prefix: string[] = []): { path: string; value: unknown }[] {
  return Object.entries(root).flatMap(([key, value]) => {
    const path = [...prefix, key];
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isMap && Object.keys(value).length > 0
      ? leaves(value as Record<string, unknown>, path)
      : [{ path: path.join('.'), value }];
  });
}

/** The line or variable that set a key; a variable may have set a parent of it as a whole. */
function originOf(path: string, origins: Record<string, string>): string {
  const parts = path.split('.');
  const byVariable = parts
    .map((_, i) => origins[parts.slice(0, i + 1).join('.')])
    .findLast((origin) => origin?.startsWith('CHURN_'));
  return origins[path] ?? byVariable ?? 'default';
}
