import type { Config, SourceConfig } from '../config/schema.js';
import { withoutSecrets } from '../postgres/place.js';

/** A configuration as it may be printed: passwords, tokens and addresses that are secrets themselves are left out. */
export function publicConfig(config: Config): Config {
  const { sources, evaluation, history, notify } = config;
  const hidden = (secret: string) => (secret === '' ? '' : '***');
  return {
    ...config,
    sources: { ...sources, users: publicSource(sources.users), events: publicSource(sources.events) },
    evaluation: {
      ...evaluation,
      ...(evaluation.outcomes && { outcomes: publicSource(evaluation.outcomes) }),
    },
    history: { ...history, url: withoutSecrets(history.url) },
    notify: {
      ...notify,
      webhook: { url: hidden(notify.webhook.url), token: hidden(notify.webhook.token) },
      slack: { url: hidden(notify.slack.url) },
    },
  };
}

function publicSource<T extends SourceConfig>(source: T): T {
  const { postgres } = source;
  return postgres === undefined
    ? source
    : { ...source, postgres: { ...postgres, url: withoutSecrets(postgres.url) } };
}
