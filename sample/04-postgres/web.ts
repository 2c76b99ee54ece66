import { NestFactory } from '@nestjs/core';

process.env.ROLE = 'web';
// Imported here because it reads its role when it is loaded.
const { AppModule } = await import('./app.module.js');

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000);
