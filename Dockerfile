# The image of `npm run image`, by the same program: agent, forwarder and controller, Node.js, and the Debian packages
# of scripts/image/debian.lock.json.
FROM node:26.10.0-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends binutils dpkg gcc libc6-dev
WORKDIR /build
COPY . .
RUN npm ci
RUN npm run image -- --root /image

FROM scratch
COPY --from=build /image/ /
ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin NODE_ENV=production
WORKDIR /
