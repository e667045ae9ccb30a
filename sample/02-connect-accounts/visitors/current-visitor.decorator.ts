import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { VisitorRequest } from './visitor.middleware.js';
import type { Visitor } from './visitors.service.js';

export const CurrentVisitor = createParamDecorator(
  (_: unknown, context: ExecutionContext): Visitor =>
    context.switchToHttp().getRequest<VisitorRequest>().visitor,
);
