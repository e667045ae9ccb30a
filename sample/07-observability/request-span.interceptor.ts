import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Request } from 'express';
import { finalize, Observable, tap } from 'rxjs';

/** The span of a request to this application. Yours comes from an HTTP instrumentation. */
@Injectable()
export class RequestSpanInterceptor implements NestInterceptor {
  readonly #tracer = trace.getTracer('sample-07');

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { method, path } = execution.switchToHttp().getRequest<Request>();
    const span = this.#tracer.startSpan(`${method} ${path}`, { kind: SpanKind.SERVER });
    const failed = ({ name }: Error) =>
      span.setAttribute('error.type', name).setStatus({ code: SpanStatusCode.ERROR });
    const handled = () =>
      next.handle().pipe(
        tap({ error: failed }),
        finalize(() => span.end()),
      );
    const within = trace.setSpan(context.active(), span);
    return new Observable((observer) => context.with(within, () => handled().subscribe(observer)));
  }
}
