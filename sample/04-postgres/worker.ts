import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

/** No HTTP: it runs what web processes have stored. Start as many as you like. */
const app = await NestFactory.createApplicationContext(AppModule);
app.enableShutdownHooks();
