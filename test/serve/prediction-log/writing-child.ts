import { openPredictionLog } from '../../../src/serve/prediction-log/log.js';
import { encoding, prediction } from './samples.js';

// Appends as fast as a server would, and tells every ten milliseconds how far it is and when that was.
const log = openPredictionLog({
  folder: process.argv[2],
  flushMilliseconds: Number(process.argv[3]),
  flushRows: 1e9,
  maxBuffered: 1e6,
});
let number = 0;
setInterval(() => {
  for (let i = 0; i < 20; i++) {
    log.append(prediction(number++), encoding);
  }
  process.stdout.write(`${number} ${performance.timeOrigin + performance.now()}\n`);
}, 10);
