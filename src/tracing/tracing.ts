/** Spans for whoever collects traces. Attributes never hold features, user ids, keys or messages of errors. */
export interface Tracing {
  begin(facts: SpanFacts): Span;
  /** Hands over what is left. Never throws. */
  close(): Promise<void>;
}

export interface SpanFacts {
  name: string;
  kind: 'server' | 'internal' | 'client';
  /** A W3C traceparent; null, or one that cannot be read: the span begins a trace. */
  parent: string | null;
  attributes: Attributes;
}

export type Attributes = Record<string, string | number>;

export interface Span {
  /** 32 hexadecimal digits; log lines name it. */
  readonly traceId: string;
  /** For those who are called, as the W3C has it. */
  readonly traceparent: string;
  /** @param failed the code of an error; null when there was none */
  end(attributes: Attributes, failed: string | null): void;
}
