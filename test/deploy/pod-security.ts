import { containersOf, type Pod } from './manifests.js';

const VOLUME_KINDS = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

interface ContainerSecurity {
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  runAsNonRoot?: boolean;
  runAsUser?: number;
  procMount?: string;
  seccompProfile?: { type: string };
  capabilities?: { drop?: string[]; add?: string[] };
}

/**
 * Where a pod breaks Kubernetes' Pod Security Standard "restricted" (baseline included), or our own rule that the root file
 * system is read-only. Source: kubernetes.io, Pod Security Standards.
 */
export function brokenRules(pod: Pod): string[] {
  const { spec } = pod;
  const broken: string[] = [];
  const demand = (holds: boolean, rule: string) => {
    if (!holds) {
      broken.push(`${pod.owner}: ${rule}`);
    }
  };
  const podSecurity = (spec.securityContext ?? {}) as ContainerSecurity & { sysctls?: unknown };
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) {
    demand(!spec[field], `${field} is not allowed`);
  }
  demand(podSecurity.sysctls === undefined, 'sysctls are not allowed');
  for (const volume of spec.volumes ?? []) {
    const kinds = Object.keys(volume).filter((key) => key !== 'name');
    demand(
      kinds.length === 1 && VOLUME_KINDS.has(kinds[0]),
      `volume ${String(volume.name)} is a ${kinds.join()}`,
    );
  }
  for (const container of containersOf(pod)) {
    const own = (container.securityContext ?? {}) as ContainerSecurity;
    const says = (rule: string) => `${container.name}: ${rule}`;
    const both = { ...podSecurity, ...own };
    demand(!own.privileged, says('privileged'));
    demand(own.allowPrivilegeEscalation === false, says('allowPrivilegeEscalation must be false'));
    demand(both.runAsNonRoot === true, says('runAsNonRoot must be true'));
    demand(both.runAsUser !== undefined && both.runAsUser !== 0, says('runAsUser must be named and not 0'));
    demand(
      ['RuntimeDefault', 'Localhost'].includes(both.seccompProfile?.type ?? ''),
      says('seccompProfile must be RuntimeDefault or Localhost'),
    );
    demand((own.capabilities?.drop ?? []).includes('ALL'), says('capabilities must drop ALL'));
    demand(
      (own.capabilities?.add ?? []).every((name) => name === 'NET_BIND_SERVICE'),
      says('capabilities may add only NET_BIND_SERVICE'),
    );
    demand((own.procMount ?? 'Default') === 'Default', says('procMount must be Default'));
    demand(
      ((container.ports ?? []) as { hostPort?: number }[]).every(({ hostPort }) => !hostPort),
      says('no hostPort'),
    );
    demand(own.readOnlyRootFilesystem === true, says('readOnlyRootFilesystem must be true'));
  }
  return broken;
}
