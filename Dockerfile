FROM node:24.21.0-bookworm-slim AS build
WORKDIR /hydrant
COPY package.json package-lock.json ./
RUN npm ci --omit=optional --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production DATA_DIR=/data SERVE_ADMIN_HOST=0.0.0.0
WORKDIR /hydrant
COPY --from=build /hydrant/package.json ./
COPY --from=build /hydrant/node_modules node_modules
COPY --from=build /hydrant/bin bin
COPY --from=build /hydrant/dist dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 4444 4445
ENTRYPOINT ["node", "bin/hydrant.mjs"]
CMD ["serve", "all"]
