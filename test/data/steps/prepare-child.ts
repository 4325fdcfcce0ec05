import { configSchema } from '../../../src/config/schema.js';
import { layoutOf } from '../../../src/data/layout.js';
import { prepare } from '../../../src/data/steps/prepare.js';
import { openTestEngine } from '../project.js';

/** Runs prepare in the project of the first argument; the test kills it in the middle. */
const [, , root, config] = process.argv;
const parsed = configSchema.parse(JSON.parse(config));
const engine = await openTestEngine(root);
process.send?.('started');
await prepare.run({ config: parsed, layout: layoutOf(parsed, root), engine, at: null, now: new Date() });
process.send?.('finished');
await engine.close();
