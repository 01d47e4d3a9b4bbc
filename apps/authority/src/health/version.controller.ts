import { Controller } from '@nestjs/common';
import { version } from '../config/version.js';
import { Route } from '../http/endpoint.js';
import { getVersion } from './health.operations.js';

@Controller()
export class VersionController {
  @Route(getVersion)
  version(): string {
    return JSON.stringify({ version });
  }
}
