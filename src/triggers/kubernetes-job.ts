import { createHash } from 'node:crypto';
import type { V1CronJob, V1Job } from '@kubernetes/client-node';

/**
 * The Job of a trigger, as `kubectl create job --from` makes it, with `--if-needed` for its retrain and a name that is the
 * trigger's alone: whoever asks for it a second time is told that it exists.
 */
export function jobOf(
  cronJob: V1CronJob,
  trigger: string,
  namespace: string,
): V1Job & { metadata: { name: string } } {
  const { name = '', uid = '' } = cronJob.metadata ?? {};
  const template = structuredClone(cronJob.spec?.jobTemplate);
  for (const container of template?.spec?.template.spec?.containers ?? []) {
    if (container.args?.[0] === 'retrain' && !container.args.includes('--if-needed')) {
      container.args.splice(1, 0, '--if-needed');
    }
  }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(trigger),
      namespace,
      labels: template?.metadata?.labels ?? {},
      annotations: { ...template?.metadata?.annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
      // Alerts and `kubectl get` find it by its owner; it goes when the CronJob goes.
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name, uid }],
    },
    spec: template?.spec,
  };
}

/** A name of 27 characters, so that the names of its pods fit too. */
export function jobName(trigger: string): string {
  return `churn-retrain-${createHash('sha256').update(trigger).digest('hex').slice(0, 13)}`;
}
