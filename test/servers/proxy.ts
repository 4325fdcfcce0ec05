import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  port: number;
  /** Lets the next COMMIT reach the server, waits until that answered, and breaks the connection instead of passing it on. */
  swallowNextCommit(): void;
  /** Answers of the server that were swallowed. */
  swallowed(): number;
  /** From now on takes connections and bytes, and answers nothing, as a host does that vanished. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** Stands between a client and PostgreSQL, and fails on request in ways that a server itself does not. */
export async function startProxy(target: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let armed = false;
  let swallowed = 0;
  let frozen = false;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let swallowing = false;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (bytes) => {
      if (armed && bytes.includes('commit')) {
        armed = false;
        swallowing = true;
      }
      if (!frozen) {
        upstream.write(bytes);
      }
    });
    upstream.on('data', (bytes) => {
      if (swallowing) {
        swallowed++;
        end();
      } else if (!frozen) {
        client.write(bytes);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    swallowNextCommit: () => {
      armed = true;
    },
    swallowed: () => swallowed,
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      frozen = false;
    },
    close: async () => {
      sockets.forEach((socket) => {
        socket.destroy();
      });
      server.close();
      await once(server, 'close');
    },
  };
}
