import { Injectable } from '@nestjs/common';
import { ComplianceFix, OnProtectedRequest, type ProtectedRequest } from 'nestjs-oauth-client';

/** The tracker wants to be told which version of its API is meant. */
@Injectable()
@ComplianceFix('tracker')
export class TrackerFix {
  @OnProtectedRequest()
  version(request: ProtectedRequest): ProtectedRequest {
    request.headers.set('X-Tracker-Version', '2');
    return request;
  }
}
