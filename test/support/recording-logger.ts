import type { LoggerService } from '@nestjs/common';

/** Keeps what is logged: `bootApplication(…, (builder) => builder.setLogger(logger))`. */
export class RecordingLogger implements LoggerService {
  readonly warnings: string[] = [];
  readonly errors: string[] = [];

  log(): void {
    // Nest tells a lot while it boots; no test asks about it.
  }

  warn(message: unknown): void {
    this.warnings.push(String(message));
  }

  error(message: unknown): void {
    this.errors.push(String(message));
  }
}
