import type { NotifyConfig } from '../config/notify.js';
import type { Notice } from './notice.js';

/** A way to tell somebody. */
export interface Channel {
  name: 'webhook' | 'slack' | 'log';
  /** Sends one notice. @throws Error when it was not taken; the message never holds an address or a token */
  send(notice: Notice, key: string, traceparent?: string): Promise<void>;
}

/** The channels that a configuration names. */
export function channelsOf(config: NotifyConfig, write: (line: string) => void): Channel[] {
  const { webhook, slack, log } = config;
  const milliseconds = 1000 * config.timeout_seconds;
  const channels: (Channel | false)[] = [
    webhook.url !== '' && {
      name: 'webhook',
      send: (notice, key, traceparent) => {
        const { silent, ...told } = notice;
        const headers: Record<string, string> = { 'idempotency-key': encodeURIComponent(key) };
        if (webhook.token !== '') {
          headers.authorization = `Bearer ${webhook.token}`;
        }
        if (traceparent !== undefined) {
          headers.traceparent = traceparent;
        }
        return post(webhook.url, { source: 'churn-mlops', key, ...told }, headers, milliseconds);
      },
    },
    slack.url !== '' && {
      name: 'slack',
      send: ({ text, run }) =>
        post(slack.url, { text: `${escaped(text)}\n\`churn-mlops explain ${run}\`` }, {}, milliseconds),
    },
    log && {
      name: 'log',
      send: async (notice, key) => {
        const { silent, at, ...told } = notice;
        write(`${JSON.stringify({ level: 30, time: Date.parse(at), msg: 'notice', key, ...told })}\n`);
      },
    },
  ];
  return channels.filter((channel) => channel !== false);
}

/** What Slack gives a meaning. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

async function post(
  url: string,
  body: object,
  headers: Record<string, string>,
  milliseconds: number,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    // A redirect could take the token elsewhere.
    redirect: 'error',
    signal: AbortSignal.timeout(milliseconds),
  }).catch((error: Error) => {
    throw new Error(reasonOf(error));
  });
  await response.body?.cancel();
  if (!response.ok) {
    throw new Error(`HTTP ${response.status}`);
  }
}

/** Messages of fetch name the address: only their codes are told on. */
function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError') {
    return 'no answer in time';
  }
  const { code, message } = (error.cause ?? {}) as { code?: string; message?: string };
  return code ?? (message === 'unexpected redirect' ? message : 'it could not be reached');
}
