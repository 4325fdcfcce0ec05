import type { FastifyReply } from 'fastify';
import type { Predictions } from '../predict.js';
import type { InferBody } from './oip-body.js';
import { OUTPUT } from './oip-infer.js';

/** The model's name in the protocols. */
export const MODEL_NAME = 'churn';

/**
 * Sends JSON as exactly `application/json`: kserve's client reads an error only then. Fastify adds a charset to the type of
 * objects and texts, but not to that of bytes.
 */
export function sendJson(reply: FastifyReply, document: unknown): FastifyReply {
  return reply.type('application/json').send(Buffer.from(JSON.stringify(document)));
}

/** The answer to an inference request: JSON, with the risks as bytes after it where `binary_data` was asked of the output. */
export function sendRisks(
  reply: FastifyReply,
  { id, outputs }: InferBody,
  { model, risks }: Predictions,
): FastifyReply {
  const binary = outputs.some((output) => output.binary);
  const output = { name: OUTPUT, datatype: 'FP32', shape: [risks.length] };
  const document = {
    model_name: MODEL_NAME,
    model_version: model.manifest.version,
    ...(id !== null && { id }),
    outputs: [
      binary
        ? { ...output, parameters: { binary_data_size: risks.length * 4 } }
        : { ...output, data: Array.from(risks) },
    ],
  };
  if (!binary) {
    return sendJson(reply, document);
  }
  const json = Buffer.from(JSON.stringify(document));
  return reply
    .type('application/octet-stream')
    .header('inference-header-content-length', json.length)
    .send(Buffer.concat([json, littleEndian(risks)]));
}

function littleEndian(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeFloatLE(value, index * 4);
  });
  return bytes;
}
