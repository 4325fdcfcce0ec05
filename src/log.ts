/** What long-lived parts log through: pino's way of calling. */
export interface Log {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}
