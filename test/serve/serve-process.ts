import type { OptionValues } from '../../src/cli/command.js';
import { serveCommand } from '../../src/cli/commands/serve.js';
import { openOutput } from '../../src/cli/output.js';
import { loadConfig } from '../../src/config/load.js';
import { openProject } from '../../src/open.js';

// What bin/churn-mlops.js does for `serve`, with options as JSON: a process that tests can end.
const [folder, options] = process.argv.slice(2);
const abort = new AbortController();
process.once('SIGTERM', () => abort.abort());
const streams = { out: process.stdout, err: process.stderr };
const project = openProject(await loadConfig({ folder, environment: process.env }), {
  signal: abort.signal,
  longLived: serveCommand.longLived,
});
const code = await serveCommand.run({
  output: openOutput(streams, { json: true, quiet: false, environment: {} }),
  folder,
  environment: {},
  configFile: undefined,
  verbose: false,
  signal: abort.signal,
  args: [],
  options: JSON.parse(options) as OptionValues,
  project: () => project,
});
await (await project).close();
process.exit(code);
