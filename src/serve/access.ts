import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Scope, ServeConfig } from '../config/serve.js';
import { ChurnError } from '../error.js';
import { HttpProblem } from './problem.js';

/** Who asks. */
export interface Caller {
  name: string;
  scopes: ReadonlySet<Scope>;
}

/** Decides whether a request may go on. */
export interface Access {
  readonly required: boolean;
  /** The caller; null where no keys are needed. @throws HttpProblem 401 or 403 */
  check(request: FastifyRequest, scope: Scope | 'none'): Caller | null;
}

/**
 * Keys come as `Authorization: Bearer KEY` or `X-Api-Key: KEY`; their SHA-256 is compared with every configured one in
 * constant time. Keys are long random texts, so that a fast hash is enough.
 */
export function accessOf(settings: Pick<ServeConfig, 'auth' | 'host' | 'keys'>): Access {
  const required = requiresKeys(settings);
  const keys = settings.keys.map(({ name, sha256, scopes }) => ({
    hash: Buffer.from(sha256, 'hex'),
    caller: { name, scopes: new Set<Scope>(scopes) },
  }));
  return {
    required,
    check: (request, scope) => {
      if (!required || scope === 'none') {
        return null;
      }
      const given = keyOf(request);
      const caller = given === null ? null : callerOf(given, keys);
      if (caller === null) {
        throw new HttpProblem(
          'http.unauthorized',
          given === null
            ? 'expected `Authorization: Bearer KEY` or `X-Api-Key: KEY`; got neither'
            : 'the key is not known',
          { 'www-authenticate': 'Bearer' },
        );
      }
      if (!caller.scopes.has(scope) && !(scope === 'webhook' && caller.scopes.has('admin'))) {
        throw new HttpProblem(
          'http.forbidden',
          `expected a key with the scope "${scope}"; the key "${caller.name}" has ${[...caller.scopes].join(', ')}`,
        );
      }
      return caller;
    },
  };
}

function callerOf(given: string, keys: readonly { hash: Buffer; caller: Caller }[]): Caller | null {
  const hash = createHash('sha256').update(given).digest();
  let found: Caller | null = null;
  for (const key of keys) {
    if (timingSafeEqual(hash, key.hash)) {
      found = key.caller;
    }
  }
  return found;
}

function keyOf(request: FastifyRequest): string | null {
  const { authorization, 'x-api-key': plain } = request.headers;
  if (typeof plain === 'string') {
    return plain;
  }
  const match = /^Bearer +(\S+)$/i.exec(authorization ?? '');
  return match === null ? null : match[1];
}

/**
 * Whether callers need a key, from settings that are safe to start with.
 * @throws config.invalid for a server that others reach without a word on who may use it, and for keys that are missing
 */
export function requiresKeys({ auth, host, keys }: Pick<ServeConfig, 'auth' | 'host' | 'keys'>): boolean {
  const fix =
    'add a key to `serve.keys` (name and `printf %s KEY | sha256sum`), or set `serve.auth: none` when something in front checks callers';
  if (auth === 'none') {
    return false;
  }
  if (auth === 'auto' && isLoopback(host)) {
    return keys.length > 0;
  }
  if (keys.length === 0) {
    throw new ChurnError('config.invalid', {
      expected:
        auth === 'required'
          ? 'keys, as serve.auth says `required`'
          : `keys for a server that others reach on ${host}`,
      came: 'an empty serve.keys',
      fix,
    });
  }
  return true;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
