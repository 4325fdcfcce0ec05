import { readFile } from 'node:fs/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ChurnError, messageOf } from '../../error.js';
import { readModel } from '../../model/onnx/read.js';
import { openSession } from '../../model/onnx/session.js';
import type { Answer, Order, ThreadTask } from './thread-messages.js';

// The file is read and parsed here too: on the main thread that would hold up requests for some milliseconds.
const port = parentPort as MessagePort;
const answer = (message: Answer, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

try {
  await serve((workerData as ThreadTask).path);
} catch (error) {
  fail(error);
}

async function serve(path: string): Promise<void> {
  const bytes = await readFile(path);
  const model = readModel(bytes);
  const session = await openSession(bytes, model.calibration, model.encoding.columns.length);
  const obey = async (order: Order): Promise<void> => {
    if (order.kind === 'end') {
      await session.close();
      port.close();
      return;
    }
    const { probabilities } = await session.scoreChunk(order.values, order.rows);
    const { id, values } = order;
    const back = [probabilities.buffer, values.buffer] as ArrayBuffer[];
    answer({ kind: 'scored', id, probabilities, values }, back);
  };
  // One order after the other: a session that is released in the middle of a batch brings the whole process down.
  let last: Promise<void> = Promise.resolve();
  port.on('message', (order: Order) => {
    last = last.then(() => obey(order)).catch(fail);
  });
  answer({ kind: 'ready', model });
}

/** Errors of ours keep their code; a thread that failed once is not used again. */
function fail(error: unknown): void {
  const ours = error instanceof ChurnError ? error : null;
  answer({
    kind: 'failed',
    code: ours?.code ?? null,
    detail: ours?.detail ?? { expected: 'the scoring thread to work', came: messageOf(error) },
  });
  port.close();
}
