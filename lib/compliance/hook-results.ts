import { TokenEndpointResponse } from '../protocol/http-message.js';
import type { ComplianceHookType } from './compliance.hooks.js';

/** What is wrong with what a hook returned, and what it is to return instead. */
export interface HookResultProblem {
  readonly problem: string;
  readonly remedy: string;
}

/** Judges what a hook of a type returned; `undefined`: it can be used. */
export function hookResultProblem(
  type: ComplianceHookType,
  result: unknown,
): HookResultProblem | undefined {
  if (typeof result !== 'object' || result === null) {
    return {
      problem: `A ${type} hook returned nothing.`,
      remedy: 'Return the request or response that it was given, changed or not.',
    };
  }
  if (type.endsWith('_response')) {
    if (result instanceof TokenEndpointResponse) return undefined;
    return {
      problem: `A ${type} hook returned no TokenEndpointResponse.`,
      remedy: 'Return the response that it was given, or a copy made by its with() or withJson().',
    };
  }
  const member = type === 'protected_request' ? headless(result) : unusableMember(result);
  return member === undefined
    ? undefined
    : {
        problem: `A ${type} hook returned a request whose ${member}.`,
        remedy: 'Return the request that it was given, changed or not.',
      };
}

function headless(request: object): string | undefined {
  const { headers } = request as Record<string, unknown>;
  return typeof headers === 'object' && headers !== null ? undefined : 'headers are missing';
}

function unusableMember(request: object): string | undefined {
  const { url, method, headers, body } = request as Record<string, unknown>;
  if (!(url instanceof URL)) return 'url is no URL';
  if (typeof method !== 'string' || method === '') return 'method is no text';
  if (!(headers instanceof Headers)) return 'headers are no Headers';
  if (typeof body === 'string' || body instanceof URLSearchParams) return undefined;
  return 'body is neither URLSearchParams nor text';
}
