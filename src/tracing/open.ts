import type { Tracing } from './tracing.js';

/** Tracing when the environment says where to; its packages are loaded only then. */
export async function openTracing(environment: NodeJS.ProcessEnv): Promise<Tracing | null> {
  const wanted = [environment.OTEL_EXPORTER_OTLP_ENDPOINT, environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT];
  const off = environment.OTEL_SDK_DISABLED === 'true' || environment.OTEL_TRACES_EXPORTER === 'none';
  return off || !wanted.some(Boolean) ? null : (await import('./opentelemetry.js')).openTelemetry();
}
