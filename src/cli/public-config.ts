import type { Config } from '../config/schema.js';
import { withoutSecrets } from '../history/place.js';

/** A configuration as it may be printed: passwords, tokens and addresses that are secrets themselves are left out. */
export function publicConfig(config: Config): Config {
  const { history, notify } = config;
  const hidden = (secret: string) => (secret === '' ? '' : '***');
  return {
    ...config,
    history: { ...history, url: withoutSecrets(history.url) },
    notify: {
      ...notify,
      webhook: { url: hidden(notify.webhook.url), token: hidden(notify.webhook.token) },
      slack: { url: hidden(notify.slack.url) },
    },
  };
}
