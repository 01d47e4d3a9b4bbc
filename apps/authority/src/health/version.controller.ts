import { Controller, Get, Header } from '@nestjs/common';
import { version } from '../config/version.js';

@Controller('version')
export class VersionController {
  @Get()
  @Header('content-type', 'application/json')
  version(): string {
    return JSON.stringify({ version });
  }
}
