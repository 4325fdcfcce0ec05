import { ApiException, BatchV1Api, KubeConfig } from '@kubernetes/client-node';
import type { TriggersConfig } from '../config/schedule.js';
import { ChurnError, messageOf } from '../error.js';
import { jobOf } from './kubernetes-job.js';
import type { StartJob } from './starter.js';

const ALREADY_EXISTS = 409;

/** What the client falls back to when it finds nothing. */
const GUESS = 'http://localhost:8080';

/**
 * Creates Jobs from the configured CronJob, by the account of the pod or the kubeconfig of the user.
 * @throws config.invalid when there is neither
 */
export function kubernetesJobs({ cronjob, namespace }: TriggersConfig): StartJob {
  const config = clusterConfig();
  const place = namespace || config.getContextObject(config.getCurrentContext())?.namespace || 'default';
  const batch = config.makeApiClient(BatchV1Api);
  return async (trigger) => {
    try {
      const cronJob = await batch.readNamespacedCronJob({ name: cronjob, namespace: place });
      const body = jobOf(cronJob, trigger, place);
      await batch.createNamespacedJob({ namespace: place, body });
      return { name: body.metadata.name, outcome: 'created' };
    } catch (error) {
      if (error instanceof ApiException && error.code === ALREADY_EXISTS) {
        return { name: null, outcome: 'known' };
      }
      throw new ChurnError(
        'kubernetes.failed',
        { expected: `a Job from the CronJob ${place}/${cronjob}`, came: reasonOf(error) },
        error,
      );
    }
  };
}

function clusterConfig(): KubeConfig {
  const expected = 'a Kubernetes cluster, as triggers.runner says `kubernetes`';
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    throw new ChurnError('config.invalid', { expected, came: messageOf(error) }, error);
  }
  if ([undefined, GUESS].includes(config.getCurrentCluster()?.server)) {
    const came = 'neither the account of a pod nor a kubeconfig';
    throw new ChurnError('config.invalid', { expected, came });
  }
  return config;
}

/** What the API server says, without headers. */
function reasonOf(error: unknown): string {
  if (!(error instanceof ApiException)) {
    return messageOf(error);
  }
  const body: unknown = typeof error.body === 'string' ? parsed(error.body) : error.body;
  const message = (body as { message?: unknown } | null)?.message;
  return `HTTP ${error.code}${typeof message === 'string' ? `: ${message}` : ''}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
