import { Module } from '@nestjs/common';
import { StackAuthWebhooksModule } from 'nestjs-webhook-inbox/stack-auth';
import { StackAuthApi } from './stack-auth.api.js';
import { UserMirrorService } from './user-mirror.service.js';
import { UserStore } from './user.store.js';

@Module({
  // POST /webhooks/stack-auth
  imports: [StackAuthWebhooksModule.forRoot({ secrets: process.env.STACK_WEBHOOK_SECRET! })],
  providers: [StackAuthApi, UserMirrorService, UserStore],
})
export class AppModule {}
