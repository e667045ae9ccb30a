import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { visitorOf } from './visitor.middleware.js';
import type { Visitor } from './visitors.service.js';

export const CurrentVisitor = createParamDecorator(
  (_: unknown, context: ExecutionContext): Visitor =>
    visitorOf(context.switchToHttp().getRequest<object>()),
);
