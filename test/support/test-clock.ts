export { TestClock } from 'nestjs-oauth-client/testing';
