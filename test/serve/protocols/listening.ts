import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';

/** Listens on a free port until the test ends. */
export async function listening(test: TestContext, app: FastifyInstance): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  test.after(() => app.close());
  return `127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}
