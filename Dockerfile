# One image for every part of orderlab: the command says which (docker-compose.yml).
ARG NODE_IMAGE=node:22.12.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
ARG PULSAR_NATIVE=required
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY lab/pulsar-native.js ./lab/pulsar-native.js
# The native client, for pulsar:// addresses. Where its addon cannot be had, `optional` builds an image without it: ws:// works.
RUN node lab/pulsar-native.js || [ "$PULSAR_NATIVE" = optional ]
COPY tsconfig.json tsconfig.build.json ./
COPY shared ./shared
COPY producers ./producers
COPY consumers ./consumers
COPY lab ./lab
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/lab/traces ./lab/traces
COPY --from=build /app/lab/orderlab.js ./lab/orderlab.js
COPY --from=build /app/package.json ./package.json
USER node
EXPOSE 3000 9464
CMD ["node", "lab/orderlab.js", "projector"]
